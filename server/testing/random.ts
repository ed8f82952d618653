/** A seeded source of chance, so that a failing run can be repeated. */

/** Numbers in [0, 1); the same for the same seed. */
export type Random = () => number;

/** A linear congruential generator (Numerical Recipes): enough to spread faults, nothing more. */
export function randomSource(seed: number): Random {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** An integer in [min, max]. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}
