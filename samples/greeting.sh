#!/bin/sh
# Prints what a task is given: arguments, properties (as environment variables) and the id of its execution.
# Uses nothing but the shell, so it runs on every machine.
echo "${GREETING_TEXT:-Hello}, ${GREETING_NAME:-world}! This is execution ${SPRING_CLOUD_TASK_EXECUTIONID:-unknown} of task ${SPRING_CLOUD_TASK_NAME:-unknown}."
for argument in "$@"; do
  echo "argument: $argument"
done
if [ -n "$GREETING_PASSWORD" ]; then
  echo "a password arrived, ${#GREETING_PASSWORD} characters long"
fi
