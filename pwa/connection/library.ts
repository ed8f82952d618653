/** Everything that speaks to the server, in one lazy chunk: the first paint waits for none of it. */
import './noJit.ts';
export { openHoldfast } from '../../client/index.ts';
export { getAssignment, getConfig, getMe, signOut } from '../../protocol/identity.ts';
export { getShardStates } from '../../protocol/shards.ts';
export { getStoredScreen, putAwaySession, reviveSession } from '../../protocol/sessions.ts';
export { listPreferences, putPreference } from '../../protocol/preferences.ts';
export { getPushKey, subscribeToPush, unsubscribeFromPush } from '../../protocol/push.ts';
export { createProject, deleteProject, listProjects, updateProject } from '../../protocol/projects.ts';
export { createToken, listTokens, revokeToken } from '../../protocol/tokens.ts';
