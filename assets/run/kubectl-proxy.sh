#!/bin/sh
# Becomes a program that ends when standard input does: whoever has started it closes that by ending, however it ends.
# All processes of the program's group end with it, and FOLDER is removed. So it has to be started in a group of its own.
#
#   kubectl-proxy.sh FOLDER COMMAND [ARGUMENT...]
set -u
folder=$1
shift
exec 3<&0 # what runs in the background has its standard input taken away
{
  trap '' HUP INT TERM
  while read -r _; do :; done
  # The group, not the one process: its number cannot belong to anybody else while this shell is in it.
  kill -TERM "-$$"
  rm -rf -- "$folder"
} <&3 &
exec "$@" 3<&- </dev/null
