import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface WebOptions {
  /** 0: a free port. */
  readonly port: number;
  /** As given; null: the user's own data directory. */
  readonly data: string | null;
  readonly open: boolean;
  readonly engine: boolean;
}

const port = (text: string): number => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('accepted: a whole number from 0 (a free port) to 65535.');
};

/** Read the arguments after the script's name; answers with an exit code where there is no start. */
export function parseWebOptions(argv: readonly string[]): WebOptions | { readonly exit: number } {
  const command = new Command('saliency-studio')
    .description('Serves Saliency Studio to a browser on this machine.')
    .option('--port <number>', 'port on 127.0.0.1; 0: a free one', port, 0)
    .option('--data <dir>', 'data directory (default: the user’s own)')
    .option('--no-open', 'print the address and open no browser')
    .option('--no-engine', 'start without TensorFlow')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const options = command.parse(argv, { from: 'user' }).opts<{
      port: number;
      data?: string;
      open: boolean;
      engine: boolean;
    }>();
    return {
      port: options.port,
      data: options.data ?? null,
      open: options.open,
      engine: options.engine,
    };
  } catch (error) {
    if (error instanceof CommanderError) return { exit: error.exitCode === 0 ? 0 : 2 };
    throw error;
  }
}
