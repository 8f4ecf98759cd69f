#!/usr/bin/env node
// Runs until it is stopped: looks for new files again and again, and ends in an orderly way when it is asked to (SIGTERM).
import { setInterval as every } from 'node:timers';

let looks = 0;
console.log('watching the inbox; this goes on until somebody stops it');
every(() => console.log(`look ${++looks}: nothing new`), 1_000);

process.on('SIGTERM', () => {
  console.log(`asked to stop after ${looks} looks: closing the inbox`);
  process.exit(143);
});
