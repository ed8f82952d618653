import { expect, test } from 'vitest';
import { createChangeNews } from './changeNews.ts';

test('whoever listens hears each change, who comes late also of what was before, and who has stopped nothing', () => {
  const news = createChangeNews();
  const [early, late]: [string[], string[]] = [[], []];
  const stop = news.listen((subject) => void early.push(subject));
  news.tell('preferences');
  news.tell('preferences');
  news.tell('sessions');
  expect(early).toEqual(['preferences', 'preferences', 'sessions']);
  news.listen((subject) => void late.push(subject));
  expect(late).toEqual(['preferences', 'sessions']);
  stop();
  news.tell('projects');
  expect([early.length, late]).toEqual([3, ['preferences', 'sessions', 'projects']]);
});
