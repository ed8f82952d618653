/** All views, in the order in which one browser comes by them. */
import { bringIn, lose } from './cast.ts';
import { dialogViews } from './dialogViews.ts';
import { firstUse, signedOut } from './firstViews.ts';
import { terminalViews } from './terminalViews.ts';
import { lossViews, phoneViews, troubleViews } from './troubleViews.ts';
import type { Act } from './view.ts';

export const ACTS: readonly Act[] = [
  { begin: () => Promise.resolve(), views: signedOut },
  { begin: (scene) => scene.signIn(), views: firstUse },
  { begin: bringIn, views: [...terminalViews, ...phoneViews, ...dialogViews, ...troubleViews] },
  { begin: lose, views: lossViews },
];
