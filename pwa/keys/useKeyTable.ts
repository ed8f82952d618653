/** Every action with its keys, and the person's lines that make them so. */
import { computed } from 'vue';
import type { PreferenceValue } from '../../protocol/preferences.ts';
import { usePreferences } from '../settings/usePreferences.ts';
import { useActions } from '../ui/actions.ts';
import { DEFAULT_BINDINGS, Keymap, parseKeys, type OwnBinding } from '../ui/keymap.ts';
import { asTheyCome, awayKeys, consequencesOf, given, givenBack, isChanged, isImpossible, letGo } from './keyTable.ts';
import { sentenceFor, standardAgain, type KeyRow } from './keyTable.ts';
import { ownBindings, troubleIn } from './ownBindings.ts';
import { editedLines, linesWritten, troublesIn } from './writtenKeys.ts';

export function useKeyTable() {
  const actions = useActions();
  const { values, change } = usePreferences();
  const own = computed(() => ownBindings(values.keymap.value));
  const keymap = computed(() => new Keymap(own.value));
  const isAction = (id: string) => actions.find(id) !== null;
  const titleOf = (id: string) => actions.find(id)?.title ?? id;
  const set = (bindings: readonly OwnBinding[]) => change('keymap', { bindings });

  const rows = computed((): KeyRow[] =>
    actions.all().map(({ id, title, group }) => ({ id, title, group, keys: keymap.value.keysOf(id) })),
  );
  const changed = computed(() => new Set(rows.value.filter(({ id }) => isChanged(own.value, id)).map(({ id }) => id)));
  const away = computed(() => awayKeys(own.value).map((one) => ({ ...one, title: titleOf(one.action) })));
  /** Of a newer release, or written by hand. */
  const idle = computed(() =>
    own.value.flatMap((line) => {
      const trouble = troubleIn(line, isAction);
      return trouble === null ? [] : [{ line, trouble }];
    }),
  );

  /** What the keys come as, while they are this action's by a line of the person's. */
  function formerOf(keys: string, action: string): string | null {
    const isOwn = own.value.some((one) => parseKeys(one.keys) === keys && one.action === action);
    const former = DEFAULT_BINDINGS.find((one) => parseKeys(one.keys) === keys)?.action;
    return isOwn && former !== undefined && former !== action ? titleOf(former) : null;
  }

  function weigh(keys: string, action: string, instead: string | null) {
    const consequences = consequencesOf(own.value, keys, action, instead);
    const sentences = consequences.map((one) => sentenceFor(one, titleOf));
    return { consequences, sentences, isImpossible: isImpossible(consequences) };
  }

  function take(keys: string, action: string, instead: string | null) {
    const freed = instead === null ? own.value : letGo(own.value, instead, action);
    set(given(freed, keys, action));
  }

  /**
   * The lines as JSON, written by hand. What is wrong with those that are there already is no reason to refuse the others.
   *
   * @returns why not, or null
   */
  function replaceAll(text: string, shown: string): string | null {
    const written = linesWritten(text);
    if (typeof written === 'string') return written;
    const lines = editedLines(own.value, ownBindings(JSON.parse(shown) as PreferenceValue), written);
    const known = troublesIn(own.value, isAction, titleOf);
    const troubles = troublesIn(lines, isAction, titleOf).filter((one) => !known.includes(one));
    if (troubles.length > 0) return `${troubles.join('; ')}.`;
    set(lines);
    return null;
  }

  return {
    own,
    rows,
    changed,
    away,
    idle,
    formerOf,
    weigh,
    take,
    giveBack: (keys: string) => set(givenBack(own.value, keys)),
    restore: (keys: string) => set(asTheyCome(own.value, keys)),
    standardAgain: (action: string) => set(standardAgain(own.value, action)),
    allStandardAgain: () => set([]),
    dropLine: (line: OwnBinding) => set(own.value.filter((one) => one !== line)),
    replaceAll,
    titleOf,
  };
}
