/** The settings of development: those of `npm start`, with vite where people go and the frontend behind it. */
import { z } from 'zod';
import { AppError } from '../../protocol/errors.ts';
import { readSettings, type Settings } from '../supervisor/env.ts';

/** Beyond the backends, which have 8001 to 8099. */
const FRONTEND_PORT_DISTANCE = 100;
const Port = z.coerce.number().int().min(1).max(65535);

export interface DevelopmentSettings {
  /** Where vite listens. */
  host: string;
  port: number;
  /** Of the instance, whose frontend listens on another port. */
  instance: Settings;
}

/** @throws AppError `config.invalid`, one sentence that names the variable */
export function readDevelopmentSettings(given: Record<string, string | undefined> = process.env): DevelopmentSettings {
  const settings = readSettings(given);
  const { host, port } = settings;
  const frontendPort = Port.safeParse(given['FRONTEND_PORT'] || port + FRONTEND_PORT_DISTANCE);
  if (!frontendPort.success)
    throw new AppError(
      'config.invalid',
      'The variable FRONTEND_PORT is not usable: must be a whole number from 1 to 65535.',
    );
  const publicUrl = settings.publicUrl ?? `http://localhost:${port}`;
  return { host, port, instance: { ...settings, host: '127.0.0.1', port: frontendPort.data, publicUrl } };
}
