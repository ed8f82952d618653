/** One entry of a menu. */
export interface MenuAction {
  text: string;
  act: () => void;
  /** Right of the text: a chord, a state. */
  note?: string;
  bad?: boolean;
  disabled?: boolean;
}
