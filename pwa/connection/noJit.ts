/** Before any schema is made: the page's policy forbids making code of text, and to try it is noted as an attempt. */
import { config } from 'zod';

config({ jitless: true });
