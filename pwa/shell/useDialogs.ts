/** Which dialog is open: at most one, and its code comes when it is first wanted. */
import { shallowReadonly, shallowRef } from 'vue';
import type { Project } from '../../protocol/projects.ts';
import type { Session } from '../../protocol/sessions.ts';
import type { Doubt } from '../sessions/putAway.ts';

export type OpenDialog =
  | { kind: 'newProject' }
  | { kind: 'editProject'; project: Project }
  | { kind: 'removeProject'; project: Project }
  | { kind: 'archivedProjects' }
  | { kind: 'renameSession'; session: Session }
  | { kind: 'closeSession'; session: Session }
  | { kind: 'putAway'; session: Session; doubt: Doubt }
  | { kind: 'files'; session: Session; view: 'files' | 'changes' }
  | { kind: 'playback'; session: Session }
  /** Without a file it is asked for. */
  | { kind: 'playbackFile'; file?: File }
  | { kind: 'searchSessions' }
  /** With the session in view, if there is one. */
  | { kind: 'attention'; sessionId: string | null }
  | { kind: 'tokens' }
  | { kind: 'settings' }
  | { kind: 'colors' }
  | { kind: 'keyboard' }
  | { kind: 'keys' }
  | ExtraDialog;

/** Of the parts beside the terminals. */
export type ExtraDialog =
  | { kind: 'keyBar' }
  | { kind: 'terminalText' }
  | { kind: 'clipboard' }
  | { kind: 'links' }
  | { kind: 'install' }
  | { kind: 'launch'; where: string; open: () => unknown }
  | { kind: 'selfTest' };

const dialog = shallowRef<OpenDialog | null>(null);

export function useDialogs() {
  return {
    dialog: shallowReadonly(dialog),
    show: (next: OpenDialog) => (dialog.value = next),
    hide: () => (dialog.value = null),
  };
}
