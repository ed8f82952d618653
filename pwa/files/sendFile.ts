/** Sends one file and tells how far it is, which `fetch` does in no browser. */
import { AppError, fromWire, WireError } from '../../protocol/errors.ts';
import { uploadFile, type Uploaded } from '../../protocol/files.ts';

export interface Sending {
  onSent: (bytes: number) => void;
  signal: AbortSignal;
}

/** @throws AppError the server's own, or `connection.offline`; an AbortError when it was cancelled */
export function sendFile(url: string, file: File, { onSent, signal }: Sending): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    signal.addEventListener('abort', cancel);
    request.upload.addEventListener('progress', ({ loaded }) => onSent(loaded));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', cancel));
    request.addEventListener('abort', () => reject(signal.reason as Error));
    request.addEventListener('error', () =>
      reject(new AppError('connection.offline', `the connection broke while ${file.name} was sent`)),
    );
    request.addEventListener('load', () => {
      const answer: unknown = request.response;
      const uploaded = uploadFile.output.safeParse(answer);
      if (request.status === 200 && uploaded.success) resolve(uploaded.data);
      else reject(refusalIn(answer, request.status));
    });
    request.open('POST', url);
    request.responseType = 'json';
    // Whatever it is: the server takes bytes, and nothing that it would read itself.
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.send(file);
  });
}

function refusalIn(answer: unknown, status: number): AppError {
  const wire = WireError.safeParse((answer as { error?: unknown } | null)?.error);
  if (wire.success) return fromWire(wire.data);
  // Something before us has an opinion of its own on sizes.
  if (status === 413)
    return new AppError('file.too_large', 'the file is larger than the way to the server lets through');
  return new AppError('connection.offline', `the server answered with status ${status}`);
}
