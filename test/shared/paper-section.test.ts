import { describe, expect, it } from 'vitest';
import { sayingOfPaper } from '../../src/shared/paper-section';

describe('what the paper says, in our words', () => {
  it('stands after the section that says it', () => {
    expect(sayingOfPaper('III', 'Ten models.')).toBe('Sec. III: Ten models.');
    expect(sayingOfPaper('IV-A', 'So.')).toBe('Sec. IV-A: So.');
  });

  it('names the abstract, which has no number', () => {
    expect(sayingOfPaper('Abstract', 'Better.')).toBe('Abstract: Better.');
  });
});
