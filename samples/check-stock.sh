#!/bin/sh
# A check that finds something and says so: a line on standard error, and exit code 3.
echo "checking stock of 4 warehouses"
echo "warehouse north: complete"
echo "warehouse harbour: complete"
echo "warehouse east: 2 articles below their minimum" >&2
exit 3
