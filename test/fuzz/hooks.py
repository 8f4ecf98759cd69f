"""Values that mean something to the server, mixed into those that schemathesis makes up.

Names made up at random are never found, so most operations would only ever answer 404. The driver (run.mjs) registers,
defines and launches what is named here; operations that delete and create by these names shuffle it further.
"""

import schemathesis
from hypothesis import strategies as st

KNOWN = {
    "account": ["default"],
    "apps": ["task.four=maven:org.example:four:1.0", "task.one.bootVersion=3\ntask.one=docker:example/one:1.0"],
    "arguments": ["--a=b", "--a='b c' d"],
    "definition": ["one", "one --key=value", "first: one && second: two", "<one || two>", "one 'FAILED' -> two"],
    "dsl": ["one", "one && two", "<one || two> && three", "one 'FAILED' -> two '*' -> $END"],
    "externalExecutionId": ["single-1"],
    "fromDate": ["2019-02-03T00:00:30", "2019-02-03T00:00:30,000"],
    "id": ["1", "2", "3"],
    "ids": ["1", "2,3"],
    "jobExecutionId": ["1", "2"],
    "name": ["one", "two", "single", "composed", "boot2", "job"],
    "path": ["liveness", "db", "platforms"],
    "platform": ["default"],
    "platformName": ["default"],
    "properties": ["app.one.key=value", "deployer.*.local.delete-files-on-exit=true", "version.one=1.0"],
    "schemaTarget": ["boot2", "boot3"],
    "search": ["o"],
    "start": ["one --", "one && "],
    "stepId": ["1", "2"],
    "taskName": ["single", "composed"],
    "uri": ["file:///bin/true", "maven:org.example:one:1.0", "docker:example/one:1.0"],
    "version": ["1.0", "2.0"],
}


def with_known_values(values):
    if not isinstance(values, dict):
        return st.just(values)
    known = {name: st.sampled_from(KNOWN[name]) for name in values if name in KNOWN}
    return st.fixed_dictionaries({}, optional=known).map(lambda chosen: {**values, **chosen})


@schemathesis.hook
def flatmap_path_parameters(context, path_parameters):
    return with_known_values(path_parameters)


@schemathesis.hook
def flatmap_query(context, query):
    return with_known_values(query)


@schemathesis.hook
def flatmap_body(context, body):
    return with_known_values(body)
