import { type CommandContext, exits, type Outcome } from '../context';
import { diagnose } from '../doctor/report';
import { table } from '../output';

const marks = { ok: 'ok', note: '–', missing: 'MISSING' } as const;

/** Looks at the installation; opens no data directory and changes nothing. */
export async function doctorCommand({ world, dataDir }: CommandContext): Promise<Outcome> {
  const diagnosis = await diagnose(world.doctor(dataDir), dataDir);
  const { checks, versions, healthy } = diagnosis;
  return {
    json: { command: 'doctor', ...diagnosis },
    text: [
      ...table(
        ['part', 'version'],
        Object.entries(versions).map(([name, version]) => [name, version ?? 'not installed']),
      ),
      '',
      ...checks.flatMap(({ title, state, found, remedy }) => [
        `${marks[state].padEnd(8)}${title}: ${found}`,
        ...(remedy === null ? [] : [`        → ${remedy}`]),
      ]),
      '',
      healthy ? 'Everything that is needed is here.' : 'Something that is needed is missing.',
    ],
    exit: healthy ? exits.done : exits.failed,
  };
}
