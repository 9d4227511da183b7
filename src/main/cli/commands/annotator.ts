import { type CommandContext, exits, type Outcome, withApp } from '../context';

/** Ends annotator mode without its passphrase, which may be forgotten. */
export async function annotatorEnd(context: CommandContext): Promise<Outcome> {
  const ended = await withApp(context, 'write', async (app) => app.endAnnotatorMode());
  return {
    json: { command: 'annotator end', ended },
    text: [ended ? 'Annotator mode has ended.' : 'Annotator mode was off already.'],
    exit: exits.done,
  };
}
