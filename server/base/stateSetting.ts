/** What STATE_STORE says: where checkpoints are kept. */

export interface S3Place {
  bucket: string;
  /** Without slashes at its ends; may be empty. */
  prefix: string;
  region: string;
  /** Origin of a server of one's own; absent: Amazon's. */
  endpoint?: string | undefined;
}

export type StoreSetting =
  | { kind: 'none' }
  | { kind: 'folder'; path: string }
  | { kind: 's3'; place: S3Place }
  | { kind: 'volume'; path: string };

/** `none`, `folder:<path>`, `s3://bucket/prefix?endpoint=…&region=…`, `volume:/Volumes/c/s/v/path`; undefined for anything else. */
export function storeSetting(text: string): StoreSetting | undefined {
  if (text === 'none') return { kind: 'none' };
  const folder = /^folder:(\/.*)$/.exec(text)?.[1];
  if (folder) return { kind: 'folder', path: folder };
  const volume = /^volume:(\/Volumes(?:\/[\w.-]+){3,})\/*$/.exec(text)?.[1];
  if (volume) return { kind: 'volume', path: volume };
  return text.startsWith('s3://') ? s3Setting(text) : undefined;
}

function s3Setting(text: string): StoreSetting | undefined {
  const [, bucket, path = '', query = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/([\w./-]*))?(?:\?(.*))?$/.exec(text) ?? [];
  if (!bucket) return undefined;
  const parameters = new URLSearchParams(query);
  const endpoint = parameters.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !URL.canParse(endpoint)) return undefined;
  const prefix = path.replace(/^\/+|\/+$/g, '');
  return { kind: 's3', place: { bucket, prefix, endpoint, region: parameters.get('region') ?? 'us-east-1' } };
}
