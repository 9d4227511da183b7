import { installCommand } from '../../../shared/install-command';
import { valueFor } from '../../../shared/checked-reads';
import { StudioError } from '../../../shared/errors';
import { type Experiment, type ExperimentForecast } from '../../../shared/experiments';
import { type DatasetRecord, type RunRecord } from '../../../shared/records';
import { type RouteOutput } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type RoarService } from '../evaluation/roar-service';
import { type Scheduler } from '../jobs/scheduler';
import { type MethodsService } from '../maps/methods';
import { type ExperimentInput, type ExperimentPlans } from './experiment-plans';
import { type ExperimentStore } from './experiment-store';
import { type ExperimentsRepository } from './experiments-repository';
import { type PlannedMember } from './members';
import { experimentName, plannedVariant } from './planned-names';
import { sharedItems } from './shared-items';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly experiments: ExperimentsRepository;
  readonly experimentStore: ExperimentStore;
  readonly methods: MethodsService;
  readonly plans: ExperimentPlans;
  readonly roar: RoarService;
  readonly scheduler: Scheduler;
}

/** Forecasts experiments and starts their runs, or goes on with those that are there. */
export class ExperimentStart {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async forecast(input: ExperimentInput): Promise<ExperimentForecast> {
    const { artifacts, methods, plans, roar } = this.#parts;
    const { datasets, members: planned } = await plans.plan(input);
    const missing = datasets.filter(({ state }) => state !== 'installed').map(({ id }) => id);
    const members: ExperimentForecast['members'] = [];
    for (const [i, member] of planned.entries()) {
      const { dataset, reading, settings } = member;
      const about = { dataset, variant: plannedVariant(reading) };
      if (missing.includes(dataset)) {
        members.push({ ...about, forecast: null, missing: true, run: null });
        continue;
      }
      const earlier = planned.slice(0, i).map((other) => other.settings);
      const known = methods.resolve(settings.methods);
      const shared = sharedItems(methods.operators, settings, earlier, known);
      const forecast = await roar.forecast({ settings }, shared);
      const { run } = await plans.find(member);
      members.push({ ...about, forecast, missing: false, run });
    }
    const open = members.flatMap(({ forecast, run }) =>
      run?.state === 'done' ? [] : (forecast ?? []),
    );
    return {
      members,
      seconds: open.reduce((sum, { seconds }) => sum + seconds, 0),
      bytes: open.reduce((sum, { bytes }) => sum + bytes, 0),
      freeBytes: await artifacts.freeBytes(),
    };
  }

  async start(input: ExperimentInput): Promise<RouteOutput<'experiments.start'>> {
    const { experiments, experimentStore, plans } = this.#parts;
    const { datasets, members: planned } = await plans.plan(input);
    requireInstalled(datasets.filter(({ state }) => state !== 'installed'));
    const names = new Map(datasets.map(({ id, name }) => [id, name]));
    const found: (RunRecord | null)[] = [];
    const left: RunRecord[] = [];
    for (const member of planned) {
      const there = await plans.find(member);
      found.push(there.run);
      if (there.left) left.push(there.left);
    }
    const called = experimentName(input, [...names.values()]);
    const id = this.#like(input.kind, called, found) ?? experimentStore.insert(input.kind, called);
    const present = experiments.members(id).length;
    try {
      for (const [i, member] of planned.entries()) {
        const run = found[i] ?? (await this.#startRun(member, valueFor(names, member.dataset)));
        this.#resume(run);
        if (i < present) continue;
        const { choice = null, reading = null } = member.reading ?? {};
        experiments.addMember(id, { run: run.id, choice, reading });
        experimentStore.announce(id);
      }
    } catch (error) {
      if (experiments.members(id).length === 0) experiments.remove(id);
      throw error;
    }
    const experiment = experimentStore.get(id);
    const open = experiment.members.filter(({ run }) => run.state !== 'done');
    return {
      experiment,
      jobs: [...new Set(open.map(({ run }) => run.job))],
      reused: found.flatMap((run) => run?.id ?? []),
      left,
    };
  }

  /** The experiment that has these runs, or the first of them where it was cut off. */
  #like(
    kind: Experiment['kind'],
    name: string,
    found: readonly (RunRecord | null)[],
  ): string | null {
    const { experiments } = this.#parts;
    const same = experiments.list().find((stored) => {
      if (stored.kind !== kind) return false;
      const members = experiments.members(stored.id);
      const whole = members.length === found.length || stored.name === name;
      return whole && members.length > 0 && members.every(({ run }, i) => run === found[i]?.id);
    });
    return same?.id ?? null;
  }

  async #startRun({ reading, settings }: PlannedMember, dataset: string): Promise<RunRecord> {
    const name = reading && `${dataset}, ${reading.setting}`.slice(0, 80);
    return (await this.#parts.roar.start({ settings, name })).run;
  }

  /** A run that stopped goes on. */
  #resume({ job }: RunRecord): void {
    const { scheduler } = this.#parts;
    const { state } = scheduler.get(job);
    if (['parked', 'cancelled', 'failed'].includes(state)) scheduler.resume(job);
  }
}

function requireInstalled(missing: readonly DatasetRecord[]): void {
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(' and ');
  const commands = missing
    .map(({ id, known }) => `\`${installCommand(known ?? { id, sources: [] })}\``)
    .join(' and ');
  throw new StudioError({
    code: 'dataset-missing',
    message: `${names} ${missing.length === 1 ? 'is' : 'are'} not installed. Install under Datasets, or with ${commands}; or leave ${missing.length === 1 ? 'it' : 'them'} out.`,
    details: { datasets: missing.map(({ id }) => id).join(',') },
  });
}
