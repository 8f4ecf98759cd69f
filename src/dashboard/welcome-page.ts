import { BUILD } from '../about/build.js';

/**
 * The page at `/dashboard/index.html`: what this server is, and how to go on.
 * @param baseUrl where the client reached the server; it comes from headers, so it is escaped
 */
export function welcomePage(baseUrl: string): string {
  const address = escapeHtml(baseUrl);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Millrace</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { margin-bottom: 0; }
h2 { margin-top: 2.5rem; font-size: 1.15rem; }
.version { margin-top: 0; opacity: .7; }
pre { overflow-x: auto; padding: .9rem 1rem; border: 1px solid #8886; border-radius: .4rem; font-size: .9rem; }
</style>
</head>
<body>
<main>
<h1>Millrace</h1>
<p class="version">Version ${escapeHtml(BUILD.version)}</p>
<p>This is a task server: it registers apps, defines and launches tasks, and keeps their history. It speaks the REST API of
Spring Cloud Data Flow 2.11, so its shell, its Java client and scripts work with it as they are.</p>
<h2>Look around</h2>
<ul>
<li><a href="../swagger-ui.html">The API, to read and to try</a> (<a href="../v3/api-docs">as an OpenAPI document</a>)</li>
<li><a href="../about">Versions, features and platforms</a></li>
<li><a href="../tasks/executions">Task executions</a>, <a href="../tasks/definitions">task definitions</a>,
<a href="../apps">apps</a></li>
</ul>
<h2>From a terminal</h2>
<p>Register an app, define a task of it, and launch it:</p>
<pre>curl -X POST '${address}/apps/task/hello/1.0' -d uri=docker:library/hello-world:latest
curl -X POST '${address}/tasks/definitions' -d name=first -d definition=hello
curl -X POST '${address}/tasks/executions/launch' -d name=first</pre>
<p>Or in the shell of Spring Cloud Data Flow:</p>
<pre>dataflow config server --uri ${address}
app register --type task --name hello --uri docker:library/hello-world:latest
task create first --definition hello
task launch first
task execution list</pre>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
