/** The program: a server, or with the word `compose` one run of a composed task. Each loads what it needs and no more. */
if (process.argv[2] === 'compose') {
  const { composeProgram } = await import('./composition/runner/compose-program.js');
  await composeProgram(process.argv.slice(3));
} else {
  const { serve } = await import('./serve.js');
  await serve();
}
