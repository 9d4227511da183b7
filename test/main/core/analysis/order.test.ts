import { describe, expect, test } from 'vitest';
import { orderDatasets, orderMethods, paperLabel } from '../../../../src/main/core/analysis/order';
import { loadPaper } from '../../../../src/main/core/paper/paper';
import { datasetNames } from '../../../fixtures/datasets';

const [coherence] = loadPaper('resources').tables;

describe('datasets of ratings from elsewhere', () => {
  test.each([
    ['mnist', 'Very Low'],
    ['MNIST', 'Very Low'],
    ['cifar10', 'Medium'],
    ['CIFAR-10', 'Medium'],
    ['Tiny ImageNet', 'Very Low'],
    ['tiny-imagenet', 'Very Low'],
    ['TinyImageNet', 'Very Low'],
    ['imagenet', null],
    ['mnist-c', null],
  ])('the paper’s label for Vanilla Gradient on %s is %s', (dataset, label) => {
    expect(paperLabel(datasetNames, coherence, dataset, 'vanilla-gradient')).toBe(label);
  });

  test('stand in the order of the paper’s tables, however they are spelled', () => {
    const rated = ['Tiny ImageNet', 'other', 'CIFAR10', 'MNIST'];
    expect(orderDatasets(datasetNames, [], rated)).toEqual([
      'MNIST',
      'CIFAR10',
      'Tiny ImageNet',
      'other',
    ]);
    expect(orderDatasets(datasetNames, ['cifar10'], ['Cifar10', 'mnist'])).toEqual([
      'mnist',
      'cifar10',
      'Cifar10',
    ]);
  });
});

test('methods stand as in the paper, then as in the study, then what else was rated', () => {
  expect(orderMethods(['sobel', 'random', 'smoothgrad'], ['lime', 'vanilla-gradient'])).toEqual([
    'vanilla-gradient',
    'smoothgrad',
    'sobel',
    'random',
    'lime',
  ]);
});
