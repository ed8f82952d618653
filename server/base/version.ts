/** The version of this build: what the build was told, such as `0.1.0+1a2b3c4d5e6f.20260131T120000Z`, else what package.json says. */
import packageJson from '../../package.json' with { type: 'json' };

/** Put in by the build. */
declare const __BUILD_VERSION__: string | undefined;

export const VERSION: string = typeof __BUILD_VERSION__ === 'undefined' ? packageJson.version : __BUILD_VERSION__;
