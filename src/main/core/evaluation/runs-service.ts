import { conflict } from '../../../shared/errors';
import { type RunRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type Scheduler } from '../jobs/scheduler';
import { type RoarResults } from './roar-results';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly events: Events;
  readonly results: RoarResults;
  readonly runs: RunsRepository;
  readonly scheduler: Scheduler;
}

/** The runs that there are: listed, named, removed. */
export class RunsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): RunRecord[] {
    return this.#parts.runs.list();
  }

  rename({ run: id, name }: RouteParsed<'roar.rename'>): RunRecord {
    const { events, results, runs } = this.#parts;
    results.run(id);
    runs.rename(id, name);
    events.emit({ type: 'run.changed', run: id });
    return results.run(id);
  }

  remove(id: string): Record<string, never> {
    const { events, results, runs, scheduler } = this.#parts;
    const run = results.run(id);
    if (scheduler.isActive(run.job)) {
      throw conflict(`${run.name} is ${run.state}: cancel it first.`);
    }
    runs.remove(id);
    results.forget(id);
    events.emit({ type: 'run.changed', run: id });
    return {};
  }
}
