/** The pictures of one run beside those that are kept: what is new, what differs, and where to look. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './compare.ts';
import { decodePng, encodePng, type Picture } from './picture.ts';

const KEPT = join(import.meta.dirname, '../../../docs/screens');
const keptFile = (name: string) => join(KEPT, `${name}.png`);
const percent = (share: number) => `${(share * 100).toFixed(3)} %`;

export class Album {
  readonly #folder: string;
  readonly #names = new Set<string>();
  /** Those that differ, are new or could not be taken. */
  readonly #troubled: string[] = [];

  /** @param isKeeping pictures that differ take the place of the kept ones */
  constructor(
    folder: string | null,
    private readonly isKeeping: boolean,
  ) {
    this.#folder = folder ?? mkdtempSync(join(tmpdir(), 'holdfast-screens-'));
    for (const one of [this.#folder, KEPT]) mkdirSync(one, { recursive: true });
    console.log(`pictures in ${this.#folder}`);
  }

  add(name: string, picture: Picture): void {
    this.#names.add(name);
    const bytes = encodePng(picture);
    writeFileSync(join(this.#folder, `${name}.png`), bytes);
    const verdict = this.#judge(name, decodePng(bytes));
    console.log(`${name.padEnd(36)} ${verdict.text}`);
    if (verdict.isSame) return;
    if (this.isKeeping) writeFileSync(keptFile(name), bytes);
    else this.#troubled.push(name);
  }

  fail(name: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`${name.padEnd(36)} could not be taken: ${reason}`);
    this.#troubled.push(name);
  }

  /** It was taken, and axe finds a fault in what it shows. */
  blame(name: string, fault: string): void {
    console.log(`${name.padEnd(36)} axe: ${fault}`);
    this.#troubled.push(name);
  }

  /** @param isWhole every view was taken: what is kept of others is of none any more
   *  @returns whether everything is as it is kept */
  close(isWhole: boolean): boolean {
    const gone = isWhole ? readdirSync(KEPT).filter((file) => !this.#names.has(file.replace(/\.png$/, ''))) : [];
    for (const file of gone) {
      console.log(`${file.padEnd(36)} is of no view`);
      if (this.isKeeping && this.#troubled.length === 0) rmSync(join(KEPT, file));
      else this.#troubled.push(file);
    }
    const { size } = this.#names;
    console.log(
      this.#troubled.length === 0
        ? `${size} pictures, all as kept`
        : `${size} pictures; look at: ${this.#troubled.join(', ')}`,
    );
    return this.#troubled.length === 0;
  }

  #judge(name: string, fresh: Picture): { isSame: boolean; text: string } {
    if (!existsSync(keptFile(name))) return { isSame: false, text: 'new' };
    const { share, squares, isSame, diff } = compare(decodePng(readFileSync(keptFile(name))), fresh);
    const figures = `${percent(share)} differs, ${squares} squares`;
    if (isSame) return { isSame, text: figures };
    const file = join(this.#folder, `${name}.diff.png`);
    writeFileSync(file, encodePng(diff));
    return { isSame, text: `${figures}: see ${file}` };
  }
}
