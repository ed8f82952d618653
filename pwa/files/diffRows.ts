/** A diff of one file as rows to be drawn: one under the other, or the old beside the new. */
import parseDiff from 'parse-diff';

export interface DiffCell {
  /** Of the line in its file. */
  number: number;
  kind: 'same' | 'added' | 'deleted';
  text: string;
}

export type DiffRow =
  /** Where the next lines stand. */
  | { kind: 'place'; text: string }
  | { kind: 'line'; oldNumber: number | null; newNumber: number | null; cell: DiffCell }
  | { kind: 'pair'; left: DiffCell | null; right: DiffCell | null };

/** What is longer is of no use to a reader, and slow to draw. */
const MAX_LINE_CHARS = 2_000;

export function unifiedRows(diff: string): DiffRow[] {
  return chunksOf(diff).flatMap(({ content, changes }) => [
    { kind: 'place' as const, text: content },
    ...changes.map((change): DiffRow => {
      const cell = cellOf(change);
      if (change.type === 'normal') return { kind: 'line', oldNumber: change.ln1, newNumber: change.ln2, cell };
      const isNew = change.type === 'add';
      return { kind: 'line', oldNumber: isNew ? null : change.ln, newNumber: isNew ? change.ln : null, cell };
    }),
  ]);
}

/** What was taken away stands beside what came in its place. */
export function sideRows(diff: string): DiffRow[] {
  const rows: DiffRow[] = [];
  for (const { content, changes } of chunksOf(diff)) {
    rows.push({ kind: 'place', text: content });
    let deleted: DiffCell[] = [];
    let added: DiffCell[] = [];
    const flush = () => {
      for (let at = 0; at < Math.max(deleted.length, added.length); at++)
        rows.push({ kind: 'pair', left: deleted[at] ?? null, right: added[at] ?? null });
      deleted = [];
      added = [];
    };
    for (const change of changes) {
      if (change.type === 'del') deleted.push(cellOf(change));
      else if (change.type === 'add') added.push(cellOf(change));
      else {
        flush();
        const cell = cellOf(change);
        rows.push({ kind: 'pair', left: { ...cell, number: change.ln1 }, right: cell });
      }
    }
    flush();
  }
  return rows;
}

/** What there is to be said of a diff without rows. */
export function sentenceWithoutRows(diff: string): string {
  if (/^new file mode /m.test(diff)) return 'It is new, and empty.';
  if (/^deleted file mode /m.test(diff)) return 'It was deleted, and was empty.';
  return 'Its contents are the same: only its name or its mode was changed.';
}

function chunksOf(diff: string): parseDiff.Chunk[] {
  // Its last line end would be taken for an empty line.
  const chunks = parseDiff(diff.replace(/\n$/, '')).flatMap((file) => file.chunks);
  return chunks.map((chunk) => ({ ...chunk, changes: chunk.changes.filter(({ content }) => content !== NO_END) }));
}

/** Said of the line before it, which is shown without. */
const NO_END = '\\ No newline at end of file';

const KINDS = { add: 'added', del: 'deleted', normal: 'same' } as const;

function cellOf(change: parseDiff.Change): DiffCell {
  const text = change.content.slice(1);
  return {
    number: change.type === 'normal' ? change.ln2 : change.ln,
    kind: KINDS[change.type],
    text: text.length > MAX_LINE_CHARS ? `${text.slice(0, MAX_LINE_CHARS)}…` : text,
  };
}
