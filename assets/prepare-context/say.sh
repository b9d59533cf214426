# shellcheck shell=sh
# What the log shows: a line a step, with its duration.

say() { printf 'prepare-context: %s\n' "$*" | harmless; }

# harmless: names come from outside, and an agent that follows the log takes ##vso[...] and ##[...] for its commands.
# Twice: of three the first pass leaves two.
harmless() { sed 's/##/# #/g; s/##/# #/g'; }

# now: NOW becomes a time in hundredths of a second (date has whole seconds only in BusyBox)
now() {
  read -r uptime _ </proc/uptime
  NOW=$((${uptime%.*} * 100 + 1${uptime#*.} - 100))
}

# begin STEP TEXT: a step starts
begin() {
  now
  STARTED=$NOW
  say "$1: $2 ..."
}

# finish STEP TEXT: the step that began last in this shell is done
finish() {
  now
  say "$1: $2 ($(decimal $(((NOW - STARTED) / 10))) s)"
}

# decimal TENTHS
decimal() { printf '%d.%d' $(($1 / 10)) $(($1 % 10)); }

# megabytes BYTES
megabytes() { printf '%s MB' "$(decimal $((($1 + 99999) / 100000)))"; }
