/**
 * fast-check with a seed that is the same in every run of the gates, so that a red one can be repeated and a green one means
 * the same tomorrow. `HOLDFAST_PROPERTY_SEED=random` (or a number) looks elsewhere.
 */
import fc from 'fast-check';

const given = process.env.HOLDFAST_PROPERTY_SEED ?? '20';
if (given !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(given) });

export { fc };
