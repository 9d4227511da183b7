import { describe, expect, it } from 'vitest';
import { differences } from '../../../../src/main/core/evaluation/roar-compare';
import { planMembers } from '../../../../src/main/core/paper/members';
import { loadPaper } from '../../../../src/main/core/paper/paper';
import { variantsOf, withSetting } from '../../../../src/main/core/paper/variants';
import { presetSettings, settingsOf } from '../../../fixtures/datasets';

const paper = loadPaper('resources');
const base = presetSettings('quick', 'mnist');

describe('readings of the paper as settings', () => {
  it('changes one setting each, to what choices.json says', () => {
    const { variants } = variantsOf(base, paper.choices);
    expect(variants.map(({ setting }) => setting)).toEqual(
      expect.arrayContaining([
        'fill = dataset-mean',
        'fill = random',
        'trainMask = redrawn',
        'reduction = signed',
        'parameters.score = probability',
        'parameters.baseline = blur',
        'parameters.guidedGate = relu-only',
      ]),
    );
    for (const { setting, settings } of variants) {
      const [name = '', value = ''] = setting.split(' = ');
      expect(differences(base, settings)).toMatchObject([{ path: name, b: `"${value}"` }]);
    }
  });

  it('names what it does not rerun, and every reading once', () => {
    const { variants, notRerun } = variantsOf(base, paper.choices);
    const all = paper.choices.flatMap(({ readings }) => readings);
    expect(variants.length + notRerun.length).toBe(all.length);
    expect(notRerun.map(({ text }) => text)).toContain('Several maps for each image, averaged.');
  });

  it('knows the stem where a network has one', () => {
    const stem = 'recipe.options.stem = small';
    expect(withSetting(base, stem)).toBeNull();
    expect(withSetting(presetSettings('quick', 'cifar10'), stem)?.recipe.options).toEqual({
      stem: 'small',
    });
  });

  it('refuses what is no setting, and takes a text without a value for none', () => {
    expect(() => withSetting(base, 'filling = random')).toThrow(/no setting filling/);
    expect(() => withSetting(base, 'parameters.noise = 1')).toThrow(/no setting parameters\.noise/);
    expect(() => withSetting(base, 'fill = water')).toThrow(/not a value of fill/);
    expect(withSetting(base, 'seed')).toBeNull();
    expect(withSetting(base, 'images = 500, seed')).toBeNull();
  });
});

describe('the runs of an experiment', () => {
  const plan = { preset: 'paper', seed: 3 } as const;
  const both = [settingsOf('mnist'), settingsOf('tiny-imagenet')];

  it('of a reproduction: one a dataset, with its seed in both places', () => {
    const members = planMembers({ ...plan, kind: 'reproduction' }, both, paper);
    expect(members.map(({ dataset }) => dataset)).toEqual(['mnist', 'tiny-imagenet']);
    expect(members[0]?.settings).toMatchObject({ images: 500, seed: 3, recipe: { seed: 3 } });
  });

  it('fits a preset to what a cut of a dataset holds', () => {
    const cut = [settingsOf('tiny-imagenet', { train: 400, validation: 60 })];
    const [quick] = planMembers({ ...plan, kind: 'reproduction', preset: 'quick' }, cut, paper);
    expect(quick?.settings).toMatchObject({ images: 20, recipe: { trainLimit: null } });
    const [full] = planMembers({ ...plan, kind: 'reproduction' }, cut, paper);
    expect(full?.settings.images).toBe(60);
  });

  it('of a sensitivity analysis: the base run first', () => {
    const members = planMembers({ ...plan, kind: 'sensitivity' }, [settingsOf('mnist')], paper);
    expect(members[0]?.reading).toBeNull();
    expect(members.length).toBeGreaterThan(15);
    expect(members.slice(1).every(({ reading }) => reading !== null)).toBe(true);
  });
});
