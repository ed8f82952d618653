/**
 * Pictures of every view of the app as it is built, compared with those in docs/screens, and each judged by axe.
 * npm run screens -- [--only NAME,NAME] [--keep] [--to FOLDER] [--flag CHROMIUM_FLAG]
 */
import { parseArgs } from 'node:util';
import { axe } from '../axe.ts';
import { ACTS } from './acts.ts';
import { Album } from './album.ts';
import { keepManifestPicture } from './manifestPictures.ts';
import { Scene, SIZES, type Size } from './scene.ts';
import { buildStage } from './stage.ts';
import { stillPicture } from './still.ts';
import type { Act, View } from './view.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' }, // parts of names, with commas between them
    keep: { type: 'boolean', default: false },
    to: { type: 'string' },
    flag: { type: 'string', multiple: true, default: [] },
  },
});
const SCHEMES = ['light', 'dark'] as const;
const album = new Album(options.to ?? null, options.keep);

function namesOf(view: View, size: Size): string[] {
  if (view.isAt && !view.isAt(size)) return [];
  const names = SCHEMES.map((scheme) => `${view.name}-${size.width}-${scheme}`);
  return names.filter((name) => options.only.split(',').some((part) => name.includes(part)));
}

/** Those that are asked for, and those that lead to them. */
function neededOf({ views }: Act, size: Size): View[] {
  return views.filter((_view, i) => {
    let last = i;
    while (views[last + 1]?.goesOn) last++;
    return views.slice(i, last + 1).some((one) => namesOf(one, size).length > 0);
  });
}

async function takeView(scene: Scene, view: View): Promise<void> {
  const names = namesOf(view, scene.size);
  try {
    await view.show(scene);
    for (const scheme of SCHEMES) {
      const name = names.find((one) => one.endsWith(scheme));
      if (!name) continue;
      await scene.page.emulateMedia({ colorScheme: scheme });
      await scene.page.mouse.move(0, 0); // over nothing
      // What stands in the terminal has its program's colours.
      for (const fault of await axe(scene.page, ['.xterm-rows'])) album.blame(name, fault);
      album.add(name, await stillPicture(scene.page));
      if (options.keep) await keepManifestPicture(scene.page, name);
    }
    await view.leave?.(scene);
  } catch (error) {
    album.fail(`${view.name}-${scene.size.width}`, error);
  }
}

async function takeSize(size: Size): Promise<void> {
  const needed = ACTS.map((act) => neededOf(act, size));
  const last = needed.findLastIndex((views) => views.length > 0);
  if (last < 0) return;
  const stage = await buildStage();
  const scene = await Scene.open(stage, size, options.flag);
  try {
    for (const [i, act] of ACTS.slice(0, last + 1).entries()) {
      try {
        await act.begin(scene);
      } catch (error) {
        album.fail(`the views from ${needed[i]![0]?.name ?? 'here'} on at ${size.width}`, error);
        break;
      }
      for (const view of needed[i]!) await takeView(scene, view);
    }
  } finally {
    await scene.remove();
    await stage.remove();
  }
}

for (const size of SIZES) await takeSize(size);
process.exitCode = album.close(options.only === '') ? 0 : 1;
