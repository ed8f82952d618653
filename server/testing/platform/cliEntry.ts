/** What `databricks` on the PATH runs: `node cli.mjs FOLDER ARGUMENT…`. */
import { main } from './databricksCli.ts';

process.exitCode = await main(process.argv[2]!, process.argv.slice(3), process.env);
