/** The launcher: starts everything, watches it, and ends it in order. Secrets live here and in what it hands to its children. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from './supervisor/env.ts';
import { runInForeground } from './supervisor/foreground.ts';
import { Instance } from './supervisor/instance.ts';

runInForeground(() => new Instance(readSettings(), resolve(dirname(fileURLToPath(import.meta.url)), '..')));
