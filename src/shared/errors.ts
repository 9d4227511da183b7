import { z } from 'zod';
import { showHidden } from './invisible';
import { fileError, systemError } from './system-error';

/** What went wrong, in one closed list: a caller may branch on it. */
const errorCodes = [
  'invalid-input',
  'not-found',
  'conflict',
  'busy',
  'cancelled',
  'engine-unavailable',
  'engine-failed',
  'dataset-missing',
  'corrupt-file',
  'disk-full',
  'read-only',
  'newer-database',
  'locked',
  'forbidden',
  'internal',
] as const;

export const errorSchema = z.object({
  code: z.enum(errorCodes),
  /** A sentence a person can act on. */
  message: z.string(),
  /** For a refused input: the field's path, the value as JSON text and what is accepted. */
  field: z.string().optional(),
  value: z.string().optional(),
  accepted: z.string().optional(),
  details: z.record(z.string(), z.string()).optional(),
});

export type ErrorData = z.infer<typeof errorSchema>;
export type ErrorCode = ErrorData['code'];

/**
 * The one error type that crosses a process or a wire. What a person could not see in a value, and
 * what is accepted, stands in the message by its code point: a refusal never reads "Low; accepted:
 * Low".
 */
export class StudioError extends Error {
  readonly data: ErrorData;

  constructor(data: ErrorData, cause?: unknown) {
    const message = showHidden(data.message);
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StudioError';
    this.data = { ...data, message, ...(data.value ? { value: showHidden(data.value) } : {}) };
  }

  get code(): ErrorCode {
    return this.data.code;
  }
}

/**
 * Refuse what came out as no finite number, where it arises: it may enter no score, mean or figure.
 *
 * @param what names it: which image, method, level or fill
 * @param remedy what a person can do about it, without a full stop
 */
export function notFinite(what: string, value: number, remedy: string): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `${what} is ${value}, which is no finite number: ${remedy}.`,
    field: what,
    value: String(value),
    accepted: 'a finite number',
  });
}

/** Refuse an input: names the field, the value and what is accepted. */
export function refuse(field: string, value: unknown, accepted: string): StudioError {
  const text = shorten(JSON.stringify(value) ?? String(value));
  return new StudioError({
    code: 'invalid-input',
    message: `${field} is ${text}; accepted: ${accepted}.`,
    field,
    value: text,
    accepted,
  });
}

/** What was asked for by its id is not there. */
export function notFound(what: string, id: string): StudioError {
  return new StudioError({ code: 'not-found', message: `There is no ${what} ${id}.` });
}

/** What is asked for does not go with how things stand. */
export function conflict(message: string): StudioError {
  return new StudioError({ code: 'conflict', message });
}

/** The engine lacks something that the application knows, or has another. */
export function otherBuild(what: string): StudioError {
  return new StudioError({
    code: 'engine-unavailable',
    message: `This engine is of another build: ${what}.`,
    details: { reason: `The engine is of another build: ${what}`, remedy: 'npm run setup' },
  });
}

/** Work that was begun by another engine, or by an earlier version of this one: it can only begin anew. */
export function otherEngine(message: string): StudioError {
  return new StudioError({ code: 'conflict', message, details: { reason: otherEngineReason } });
}

const otherEngineReason = 'begun by another engine';

export const isOfOtherEngine = ({ details }: ErrorData): boolean =>
  details?.['reason'] === otherEngineReason;

/**
 * Whatever was thrown, as data. What the system reports by a code is said in words, without the code;
 * unknown errors become `internal`, with their own message.
 */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof StudioError) return error.data;
  if (error instanceof z.ZodError) return fromZod(error).data;
  if (error instanceof Error && error.name === 'AbortError') {
    return { code: 'cancelled', message: 'The operation was cancelled.' };
  }
  const system = systemError(error);
  if (system) return { code: system.code, message: system.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message };
}

/** Why something failed, as a clause without a full stop, for a sentence that names the place. */
export function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  if (first !== undefined && systemError(error) === null) return reasonOf(first);
  return systemError(error)?.reason ?? toErrorData(error).message.replace(/\.$/, '');
}

/**
 * An error of the file system in words that a person can act on; anything else as it came.
 *
 * @param path what is named as the place; by default what the error itself names
 */
export function fileFailure(error: unknown, path?: string): unknown {
  if (error instanceof StudioError) return error;
  const known = fileError(error, path);
  if (!known) return error;
  const { code, message, subject } = known;
  const details = subject === null ? {} : { details: { path: subject } };
  return new StudioError({ code, message, ...details }, error);
}

/** Whether what was thrown was foreseen by nobody: a defect, whose trace belongs in the log. */
export function isDefect(error: unknown): boolean {
  return systemError(error) !== null || toErrorData(error).code === 'internal';
}

/** The first issue of a schema's refusal, in the words of `refuse`. */
function fromZod(error: z.ZodError, input?: unknown, prefix = ''): StudioError {
  const issue = error.issues[0];
  if (!issue) return new StudioError({ code: 'invalid-input', message: 'The input was refused.' });
  const path = issue.path.map(String);
  const field = [prefix, ...path].filter(Boolean).join('.') || 'input';
  let value: unknown = input;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  const text = value === undefined ? 'missing' : shorten(JSON.stringify(value) ?? String(value));
  return new StudioError({
    code: 'invalid-input',
    message: `${field} is ${text}; ${issue.message}.`,
    field,
    value: text,
    accepted: issue.message,
  });
}

/** Parse with a schema, or throw the refusal as a StudioError. */
export function parse<S extends z.ZodType>(schema: S, input: unknown, prefix = ''): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw fromZod(result.error, input, prefix);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
