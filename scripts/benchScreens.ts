/** What the server's screens cost: npx tsx scripts/benchScreens.ts */
import { measureScreens } from '../server/testing/screenCost.ts';

await measureScreens();
