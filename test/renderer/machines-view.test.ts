// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryHistory } from 'vue-router';
import { clientKey } from '../../src/renderer/api/client';
import JobProgress from '../../src/renderer/components/JobProgress.vue';
import { createStudioRouter } from '../../src/renderer/router';
import { useMachines } from '../../src/renderer/stores/machines';
import { useQuestions } from '../../src/renderer/stores/questions';
import { revokeText } from '../../src/renderer/views/machines/machines-words';
import MachinesView from '../../src/renderer/views/machines/MachinesView.vue';
import { refuse, StudioError } from '../../src/shared/errors';
import { type Machines } from '../../src/shared/machines';
import { type RouteParsed } from '../../src/shared/routes';
import { machinesRecord, withQueue, workerRecord } from './machines-records';
import { jobRecord, progressRecord, statusRecord } from './records';
import { backend } from './support';

beforeEach(() => {
  document.body.innerHTML = '';
});
afterEach(() => {
  document.body.innerHTML = '';
});

/** A core that knows this of machines; `problem` is what is wrong with whatever address is tried. */
function coreWith(
  first: Machines,
  problem: string | null = null,
  listenedAt: string | null = null,
) {
  let now = first;
  const tried = ({ host, port }: { host: string; port: number }) => {
    if (problem === null) return { version: 'Valkey 9.1.2' };
    throw new StudioError({
      code: 'not-found',
      message: `The queue at ${host}:${port} ${problem}.`,
    });
  };
  const saved: { name: string }[] = [];
  const wire = backend(
    {
      'app.status': () => statusRecord(),
      'jobs.list': () => [],
      'machines.get': () => now,
      'machines.test': tried,
      'machines.setQueue': (address) => {
        tried(address);
        const { host, port, username = '', password = '', tls = null } = address;
        const queue = {
          host,
          port,
          username,
          password: password !== '',
          tls: tls !== null,
          ca: !!tls?.ca,
        };
        now = { ...now, queue: { ...queue, trial: false }, connection: 'connecting' };
        return now;
      },
      'machines.forgetQueue': () => (now = machinesRecord()),
      'machines.setWork': (work) => (now = { ...now, ...work }),
      'machines.createJoin': ({ name, listen }) => {
        // Of before: the address that earlier join files name.
        const address = listen ?? listenedAt;
        if (address) {
          throw refuse('listen', address, '127.0.0.1 while the queue is reached without TLS');
        }
        const made = { createdAt: '2026-01-01T00:00:00.000Z', lastUsed: null, revokedAt: null };
        now = { ...now, joins: [...now.joins, { name, ...made }] };
        const file = {
          name: `${name}.join.json`,
          mime: 'application/json',
          bytes: 10,
          file: `export_${'a'.repeat(16)}`,
        };
        return { file, notes: [] };
      },
      'machines.revokeJoin': ({ name }) => {
        const revokedAt = '2026-01-02T00:00:00.000Z';
        const joins = now.joins.map((join) => (join.name === name ? { ...join, revokedAt } : join));
        return (now = { ...now, joins });
      },
      'machines.drain': ({ worker, drain }) => {
        const state = drain ? ('draining' as const) : ('idle' as const);
        const workers = now.workers.map((each) =>
          each.name === worker ? { ...each, state } : each,
        );
        return (now = { ...now, workers });
      },
    },
    {
      save: async (file) => {
        saved.push(file);
        return true;
      },
    },
  );
  return { wire, saved, become: (changed: Machines) => (now = changed) };
}

async function open(core: ReturnType<typeof coreWith>, component: unknown = MachinesView) {
  const pinia = createPinia();
  setActivePinia(pinia);
  const router = createStudioRouter(createMemoryHistory());
  await router.push('/settings/machines');
  const wrapper = mount(component as typeof MachinesView, {
    global: {
      plugins: [pinia, router],
      provide: { [clientKey as symbol]: core.wire.client },
    },
    attachTo: document.body,
  });
  await flushPromises();
  return wrapper;
}

const shown = () => document.body.textContent?.replaceAll(/\s+/g, ' ') ?? '';
/** @param region the heading of the one in which it is */
async function press(name: string, region?: string): Promise<void> {
  const found = [...document.querySelectorAll('button')].find(
    (each) =>
      (region === undefined ||
        each.closest('section')?.querySelector('h2')?.textContent === region) &&
      [each.textContent?.trim(), each.getAttribute('aria-label')].includes(name),
  );
  if (!found) throw new Error(`no button ${name}`);
  found.click();
  await flushPromises();
}
/** A radio button or a check box, by the label around it. */
async function choose(label: string): Promise<void> {
  const found = [...document.querySelectorAll('label')].find(
    (each) => each.textContent?.trim() === label,
  );
  const input = found?.querySelector('input');
  if (!input) throw new Error(`no choice ${label}`);
  input.click();
  await flushPromises();
}
async function type(label: string, text: string): Promise<void> {
  const found = [...document.querySelectorAll('label')].find(
    (each) => each.textContent?.trim() === label,
  );
  const field = document.getElementById(found?.getAttribute('for') ?? '');
  if (!(field instanceof HTMLInputElement)) throw new Error(`no field ${label}`);
  field.value = text;
  field.dispatchEvent(new Event('input'));
  await flushPromises();
}
const sent = (core: ReturnType<typeof coreWith>, route: string) =>
  core.wire.calls.filter((call) => call.route === route).map(({ input }) => input);

it('shows without a queue a paragraph, the form of an address and the threads, and nothing else', async () => {
  await open(coreWith(machinesRecord()));
  expect([...document.querySelectorAll('h2')].map((each) => each.textContent)).toEqual([
    'Work on several machines',
    'How jobs are done',
  ]);
  expect(shown()).not.toContain('Jobs that begin from now on');
  expect(shown()).toContain('Without a queue everything is done here');
  expect(document.querySelector('table')).toBeNull();
  expect(document.querySelector('input[type=file]')).toBeNull();
});

it('says why a connection fails in the sentence of core, and forgets it with the next letter', async () => {
  const core = coreWith(machinesRecord(), 'cannot be reached: nothing listens there');
  await open(core);
  await type('Port', '6380');
  await press('Test connection');
  expect(shown()).toContain(
    'The queue at 127.0.0.1:6380 cannot be reached: nothing listens there.',
  );
  await type('Port', '6381');
  expect(document.querySelector('[role=alert]')).toBeNull();
  await press('Save');
  expect(shown()).toContain('The queue at 127.0.0.1:6381 cannot be reached');
  expect(shown()).toContain('Work on several machines');
});

it('refuses what can be no address beside its field, and sends nothing', async () => {
  const core = coreWith(machinesRecord());
  await open(core);
  await type('Port', '70000');
  await type('Host', ' ');
  expect(shown()).toContain('Accepted: from 1 to 65535');
  expect(shown()).toContain('Accepted: a host name or address');
  expect([...document.querySelectorAll('button')].every((each) => each.disabled)).toBe(true);
});

it('tells which server answers, and keeps the address with what was typed', async () => {
  const core = coreWith(machinesRecord());
  await open(core);
  await type('Password', 'secret');
  await press('Test connection');
  expect(shown()).toContain('Valkey 9.1.2 answers, and can be used.');
  await press('Save');
  expect(sent(core, 'machines.setQueue')).toEqual([
    { host: '127.0.0.1', port: 6379, username: '', password: 'secret', tls: null },
  ]);
  expect(shown()).toContain('Where jobs are done');
  expect(shown()).not.toContain('Work on several machines');
});

it('sends the certificate of the authority as its text', async () => {
  const core = coreWith(machinesRecord());
  await open(core);
  const tls = document.querySelector<HTMLInputElement>('input[type=checkbox]');
  tls?.click();
  await flushPromises();
  const field = document.querySelector<HTMLInputElement>('input[type=file]');
  const file = new File(['-----BEGIN CERTIFICATE-----'], 'ca.pem');
  Object.defineProperty(field, 'files', { value: [file] });
  field?.dispatchEvent(new Event('change'));
  await press('Test connection');
  expect(sent(core, 'machines.test')).toMatchObject([
    { tls: { ca: '-----BEGIN CERTIFICATE-----' } },
  ]);
});

it('keeps a stored password unless another is typed', async () => {
  const core = coreWith(withQueue());
  await open(core);
  await press('Change');
  await press('Test connection');
  await type('Password', 'new');
  await press('Test connection');
  const tests = sent(core, 'machines.test') as RouteParsed<'machines.test'>[];
  expect(tests.map(({ password }) => password)).toEqual([null, 'new']);
});

it('keeps a stored certificate and password unless they are given up', async () => {
  const core = coreWith(withQueue());
  await open(core);
  await press('Change');
  await type('Port', '6380');
  await press('Test connection');
  await choose('Keep the stored certificate');
  await choose('Keep the stored password');
  await press('Test connection');
  const tests = sent(core, 'machines.test') as RouteParsed<'machines.test'>[];
  expect(tests).toMatchObject([
    { port: 6380, password: null, tls: { ca: null } },
    { port: 6380, password: '', tls: { ca: '' } },
  ]);
  // A queue without them has nothing to keep.
  const { queue } = withQueue();
  const bare = coreWith(withQueue({ queue: queue && { ...queue, password: false, ca: false } }));
  document.body.innerHTML = '';
  await open(bare);
  await press('Change');
  expect(shown()).not.toContain('Keep the stored');
});

it('lists workers with what they are at and what keeps them away, live', async () => {
  const other = workerRecord({
    name: 'lab-2/old-node/9',
    difference: 'other instruction set',
    state: 'idle',
    items: [],
    rate: null,
  });
  const core = coreWith(withQueue({ workers: [workerRecord(), other] }));
  await open(core);
  expect(shown()).toContain('1 of 2 at work');
  const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
    row.textContent?.replaceAll(/\s+/g, ' ').trim(),
  );
  expect(rows[0]).toContain('Gradient, level 0.3, repetition 1 of 5, epoch 2 of 4');
  expect(rows[0]).toContain('1.25 ×');
  expect(rows[1]).toContain('other instruction set');
  expect(rows[1]).toContain('nothing, 1 item at once');
  core.become(withQueue({ connection: 'lost', waiting: 'No worker of the run’s class is there.' }));
  core.wire.emit({ type: 'machines.changed' });
  await flushPromises();
  expect(shown()).toContain('No worker of the run’s class is there.');
  expect(shown()).toContain('None has joined.');
});

it('says why workers cannot reach this application, and where they will', async () => {
  const reason = 'Workers cannot reach this application at http://127.0.0.1:7443: it is taken.';
  const core = coreWith(withQueue({ listening: null, unreached: reason }));
  await open(core);
  expect(shown()).toContain(`nowhere${reason}`);
  expect(shown()).not.toContain('nowhere yet');
  core.become(withQueue({ unreached: 'From the end of the jobs on at https://192.0.2.7:7444.' }));
  core.wire.emit({ type: 'machines.changed' });
  await flushPromises();
  expect(shown()).toContain('https://192.0.2.7:7443From the end of the jobs on');
});

it('drains a worker and takes it back', async () => {
  const core = coreWith(withQueue({ workers: [workerRecord()] }));
  await open(core);
  await press('Drain lab-1/gpu-node-3/4711');
  await press('Take back lab-1/gpu-node-3/4711');
  expect(sent(core, 'machines.drain')).toEqual([
    { worker: 'lab-1/gpu-node-3/4711', drain: true },
    { worker: 'lab-1/gpu-node-3/4711', drain: false },
  ]);
});

it('makes a join, saves its file, and says what revoking it does not do', async () => {
  const core = coreWith(withQueue());
  await open(core);
  await press('New join');
  await type('Name', 'Lab 3');
  expect(shown()).toContain('Accepted: small letters, digits and hyphens, at most 32');
  await type('Name', 'lab-3');
  await press('Make and save its file');
  expect(core.saved.map(({ name }) => name)).toEqual(['lab-3.join.json']);
  expect(sent(core, 'machines.createJoin')).toEqual([{ name: 'lab-3', listen: null }]);
  await press('Revoke lab-3');
  const questions = useQuestions();
  expect(questions.asked?.text).toContain('ACL SETUSER studio resetpass >ANOTHER');
  expect(questions.asked?.text).toContain('CLIENT KILL USER studio');
  expect(questions.asked?.text).toContain('A shared folder asks for no token');
  questions.answer('');
  await flushPromises();
  expect(sent(core, 'machines.revokeJoin')).toEqual([{ name: 'lab-3' }]);
  expect(shown()).toContain('revoked');
});

it('says of a trial how its password becomes another', () => {
  const { queue } = withQueue();
  const trial = revokeText('lab-1', queue && { ...queue, trial: true });
  expect(trial).toContain('`queue try` and start it again with --new-password');
  expect(trial).not.toContain('ACL');
  // A queue without users has one all the same.
  expect(revokeText('lab-1', queue && { ...queue, username: '' })).toContain('USER default');
});

it('says beside its field what core accepts of a new join', async () => {
  const core = coreWith(withQueue());
  await open(core);
  await press('New join');
  await type('Name', 'lab-3');
  await choose('Other machines');
  await type('Address at which they reach this machine', '10.0.0.1');
  await press('Make and save its file');
  expect(shown()).toContain('Accepted: 127.0.0.1 while the queue is reached without TLS');
  expect(shown()).not.toContain('listen is');
  expect(document.querySelectorAll('[role=alert]')).toHaveLength(1);
  await type('Address at which they reach this machine', '10.0.0.2');
  expect(shown()).not.toContain('Accepted: 127.0.0.1');
});

it('says also without its field why the address of before is refused', async () => {
  const core = coreWith(withQueue(), null, '10.0.0.1');
  await open(core);
  await press('New join');
  await type('Name', 'lab-3');
  await press('Make and save its file');
  expect(shown()).toContain('listen is "10.0.0.1"');
  expect(shown()).toContain('127.0.0.1 while the queue is reached without TLS');
  expect(document.querySelectorAll('[role=alert]')).toHaveLength(1);
});

it('sets where jobs are done, once something is changed', async () => {
  const core = coreWith(withQueue());
  await open(core);
  await type('Threads an item', '300');
  expect(shown()).toContain('Accepted: from 1 to 256, or nothing');
  await type('Threads an item', '');
  await press('Save');
  expect(sent(core, 'machines.setWork')).toEqual([{ workplace: 'both', threads: null }]);
  expect(shown()).toContain('what is unfinished goes on only with the number that it began with');
});

it('sets the threads of an unfinished run without a queue', async () => {
  const core = coreWith(machinesRecord({ threads: 4 }));
  await open(core);
  await type('Threads an item', '2');
  expect(shown()).not.toContain('your workers');
  await press('Save', 'How jobs are done');
  expect(sent(core, 'machines.setWork')).toEqual([{ workplace: 'here', threads: 2 }]);
});

it('lets this machine do what was to be done by the workers of a queue that is forgotten', async () => {
  const core = coreWith(machinesRecord({ workplace: 'queue' }));
  await open(core);
  expect(shown()).toContain('Where jobs are done');
  const places = document.querySelector('select');
  if (!places) throw new Error('no choice of where');
  places.selectedIndex = 0;
  places.dispatchEvent(new Event('change'));
  await flushPromises();
  await press('Save', 'Where jobs are done');
  expect(sent(core, 'machines.setWork')).toEqual([{ workplace: 'here', threads: null }]);
  expect(shown()).toContain('How jobs are done');
});

it('says on the page of a run which workers are at it, where a queue is used', async () => {
  const job = jobRecord({ kind: 'roar', progress: progressRecord() });
  const core = coreWith(withQueue({ workers: [workerRecord()] }));
  const pinia = createPinia();
  setActivePinia(pinia);
  const router = createStudioRouter(createMemoryHistory());
  await router.push('/');
  const show = () =>
    mount(JobProgress, {
      props: { job, what: 'run' },
      global: { plugins: [pinia, router], provide: { [clientKey as symbol]: core.wire.client } },
    });
  const wrapper = show();
  expect(wrapper.find('[data-test=workers-at-it]').exists()).toBe(false);
  await useMachines().load();
  expect(wrapper.get('[data-test=workers-at-it]').text()).toContain('1 worker at it');
  core.become(withQueue({ workplace: 'here' }));
  await useMachines().load();
  expect(wrapper.find('[data-test=workers-at-it]').exists()).toBe(false);
});
