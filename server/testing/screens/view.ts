/** A view of the app: its name, where there is one, and the way to it. */
import type { Scene, Size } from './scene.ts';

export interface View {
  name: string;
  /** Absent: at every size. */
  isAt?: (size: Size) => boolean;
  /** It begins where the view before it ended. */
  goesOn?: true;
  show: (scene: Scene) => Promise<void>;
  /** What a window that is opened anew would not put back. */
  leave?: (scene: Scene) => Promise<void>;
}

/** Views that need the same before them; `begin` is what happened until then. */
export interface Act {
  begin: (scene: Scene) => Promise<void>;
  views: View[];
}

export const onPhones = ({ phone }: Size): boolean => phone;
/** Where panes find room. */
export const notOnPhones = ({ phone }: Size): boolean => !phone;
