import { describe, expect, it } from '@jest/globals';
import { firstSentence } from './first-sentence.js';

describe('firstSentence', () => {
  it.each([
    ['', ''],
    ['No full stop\nsecond line', 'No full stop'],
    ['One sentence.', 'One sentence.'],
    ['First one. Second one.', 'First one.'],
    ['The format, e.g. yyyy, of dates. More.', 'The format, e.g. yyyy, of dates.'],
    ['The default file (e.g. "messages.properties").', 'The default file (e.g.'],
    ['Uses "spring.mvc.media-types.*". This matters.', 'Uses "spring.mvc.media-types.*".'],
    ['Version 2.5 of the format. Next.', 'Version 2.5 of the format.'],
    ['Really? Yes. No.', 'Really?'],
    ['Create tables if necessary\n on startup. Enabled\n if set.', 'Create tables if necessary on startup.'],
    ['Ends (in brackets.) Next.', 'Ends (in brackets.)'],
    ['Time is: 500 millis. 3 of them', 'Time is: 500 millis. 3 of them'],
  ])('%j', (text, sentence) => {
    expect(firstSentence(text)).toBe(sentence);
  });

  it('answers soon for a long text that never ends a sentence', () => {
    const text = `${'.'.repeat(20_000)} a${'. '.repeat(20_000)}`;
    expect(firstSentence(text)).toBe(text.trim());
  });
});
