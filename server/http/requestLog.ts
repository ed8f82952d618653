/** One log line for each request, without its query (which may carry a token), its headers and its body. */
import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import type { Log } from '../base/log.ts';

export function requestLog(log: Log): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId: (request) => (request as { correlationId?: string }).correlationId ?? '',
    customAttributeKeys: { reqId: 'correlationId', responseTime: 'durationMs' },
    quietReqLogger: true,
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: url.split('?', 1)[0] }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    customLogLevel: (request, response, error) => {
      if (error || response.statusCode >= 500) return 'warn';
      return /\/(health|live|ready)$/.test(request.url?.split('?', 1)[0] ?? '') ? 'trace' : 'debug';
    },
    customProps: (request) => ({ user: (request as { caller?: { email: string } }).caller?.email }),
  }) as RequestHandler;
}
