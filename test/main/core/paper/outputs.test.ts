import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createServices } from '../../../../src/main/core/services';
import { experimentExportFormats } from '../../../../src/shared/experiments';
import { coreOn } from '../core-on';
import { id, temporaryFolder } from '../storage/helpers';
import { addSampleStudy, runId, studyId } from '../studies/archive/sample-study';
import { contentOf, filesOf } from '../transfers';

async function collected() {
  const { core, announced } = coreOn(temporaryFolder());
  await addSampleStudy(core);
  const services = createServices(core);
  const experiment = services.experiments.collect({ runs: [runId] });
  const read = async (format: (typeof experimentExportFormats)[number]) => {
    const file = await services.experimentReports.export({ experiment: experiment.id, format });
    return { ...file, bytes: await contentOf(filesOf(core), file) };
  };
  return { core, services, experiment, announced, read };
}

describe('runs put together', () => {
  it('are an experiment without being repeated', async () => {
    const { experiment, announced, services } = await collected();
    expect(experiment).toMatchObject({ kind: 'reproduction', name: 'Runs on MNIST', study: null });
    expect(experiment.members.map(({ run }) => run.id)).toEqual([runId]);
    expect(announced).toContainEqual({ type: 'experiment.changed', experiment: experiment.id });
    expect(services.experiments.list()).toHaveLength(1);
    expect(() => services.experiments.collect({ runs: [runId, runId] })).toThrow(
      /one run of each dataset/,
    );
    expect(() => services.experiments.collect({ runs: [id('run', 'z')] })).toThrow(/no run/);
  });

  it('go from an experiment with the run, and the study is let go with itself', async () => {
    const { services, experiment, core } = await collected();
    const { id: own } = experiment;
    expect(services.experiments.setStudy({ experiment: own, study: studyId }).study).toBe(studyId);
    expect(() =>
      services.experiments.setStudy({ experiment: own, study: id('study', 'z') }),
    ).toThrow(/no study/);
    core.runs.remove(runId);
    expect(services.experiments.get(own).members).toEqual([]);
    const { claims } = await services.experimentReports.result(own);
    expect(claims.every(({ verdict }) => verdict === 'undecided')).toBe(true);
  });

  it('hidden ratings decide nothing, and the reason is told', async () => {
    const { core, services, experiment } = await collected();
    core.studies.setState(studyId, 'open', null);
    services.experiments.setStudy({ experiment: experiment.id, study: studyId });
    const { claims } = await services.experimentReports.result(experiment.id);
    const claim = claims.find(({ id: claimId }) => claimId === 'coherence-best');
    expect(claim?.evidence).toMatch(/hidden while it is open/);
  });
});

describe('exports of an experiment', () => {
  it('are whole files of each kind', async () => {
    const { read } = await collected();
    for (const format of experimentExportFormats) {
      const { name, bytes } = await read(format);
      expect(name).toBe(`runs-on-mnist-${format}`);
      expect(bytes.length).toBeGreaterThan(100);
    }
    const {
      width = 0,
      height = 0,
      density,
    } = await sharp((await read('figures.png')).bytes).metadata();
    expect([width, density]).toEqual([3000, 300]);
    expect(height).toBeGreaterThan(1500);
  });

  it('figures carry the caption, the cuts and one legend', async () => {
    const { read } = await collected();
    const svg = (await read('figures.svg')).bytes.toString();
    expect(svg).toContain('Fig. 2: MNIST');
    expect(svg).toContain('A check of the plumbing');
    expect(svg).toContain('20 of 500 images');
    expect(svg.match(/data-method="smoothgrad" data-part="curve"/g)).toHaveLength(1);
    expect(svg.match(/>SmoothGrad</g)).toHaveLength(1);
    const { info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBe(1000);
  });

  it('tables state ours beside the paper’s', async () => {
    const { read } = await collected();
    const accuracies = (await read('accuracies.csv')).bytes.toString().trim().split('\n');
    expect(accuracies[0]).toBe(
      'dataset,setting,level,validation_accuracy,paper_accuracy,paper_says_above,epochs,cuts',
    );
    expect(accuracies[1]).toBe('mnist,,0,0.97,0.98,true,1,20 of 500 images; 4 of 10 levels');
    const ranks = (await read('ranks.csv')).bytes.toString().trim().split('\n');
    expect(ranks).toHaveLength(1 + 7);
    const markdown = (await read('ranks.md')).bytes.toString();
    expect(markdown).toMatch(/\| MNIST \| 1\.00 \| \d \(/);
    // Its notes are words.
    expect(markdown).not.toMatch(/%[0-9A-Fu]/);
    const claims = (await read('claims.csv')).bytes.toString();
    expect(claims).toMatch(/^id,section,verdict,quote,criterion,evidence\n/);
    expect(claims).toContain('combinations-better-ratings,Abstract,undecided');
  });

  it('the report is one file with everything in it', async () => {
    const { read } = await collected();
    const page = (await read('report.html')).bytes.toString();
    for (const heading of ['Ranks and advantages', 'Validation accuracies', 'claims', 'The runs']) {
      expect(page).toMatch(new RegExp(`<h2[^>]*>[^<]*${heading}`));
    }
    expect(page).not.toMatch(/<script|src="http|href="http/);
    expect(page).toContain('The paper, MNIST');
  });
});
