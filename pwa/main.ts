/** Puts the window together: connection, lists, tabs, and the page that shows them. */
import './ui/tokens.css';
import './ui/fonts.css';
import './ui/base.css';
import './ui/forcedColors.css';
import { createApp } from 'vue';
import App from './App.vue';
import { attentionKey, createAttention } from './attention/useAttention.ts';
import { createConnection } from './connection/connection.ts';
import { connectionKey } from './connection/useConnection.ts';
import './install/offer.ts';
import { createPanes, panesKey } from './panes/usePanes.ts';
import { createProjects, projectsKey } from './projects/useProjects.ts';
import { createSessions, sessionsKey } from './sessions/useSessions.ts';
import { createTabs, tabsKey } from './sessions/useTabs.ts';
import { registerServiceWorker } from './serviceWorker/useUpdate.ts';
import { guardHeldInput } from './terminal/heldInput.ts';
import { takeKeptInput } from './terminal/keptInput.ts';
import { actionsKey, createActions } from './ui/actions.ts';
import { loadMenu } from './ui/lazyMenu.ts';
import { whenIdle } from './ui/idle.ts';
import { painted } from './ui/painted.ts';
import { tellOfMissingParts } from './shell/missingParts.ts';
import { takeSignInResult } from './shell/signInResult.ts';
import { refuseStrayFiles } from './shell/strayFiles.ts';

tellOfMissingParts();
refuseStrayFiles();
takeKeptInput();
const connection = createConnection();
const app = createApp(App, { isLinkExpired: takeSignInResult() === 'expired' });
app.provide(connectionKey, connection);
app.provide(projectsKey, createProjects(connection));
app.provide(sessionsKey, createSessions(connection));
app.provide(attentionKey, createAttention());
const panes = createPanes();
const tabs = createTabs((id) => panes.dock.value?.heir(id) ?? null);
app.provide(tabsKey, tabs);
app.provide(panesKey, panes);
app.provide(actionsKey, createActions());
const began = { tabs: tabs.tabs.value, layout: panes.layout.value };

// What was kept is on the screen with the first paint: it takes a few milliseconds, the network may take forever.
await connection.facts;
app.mount('#app');

guardHeldInput();
registerServiceWorker(connection.shards);
whenIdle(() => void loadMenu());
void painted.then(async () => {
  (await import('./settings/startPreferences.ts')).startPreferences(app, connection, { tabs, panes, began });
  await (await import('./attention/startAttention.ts')).startAttention(app);
});
