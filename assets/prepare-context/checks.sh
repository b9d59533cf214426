# shellcheck shell=sh
# What a valid setting is. Each check ends the program with the setting's name and its right form.

# flag NAME VALUE DEFAULT: FLAG becomes true or false
flag() {
  FLAG=${2:-$3}
  case $FLAG in true | false) ;; *) fail $BAD_SETTING "$1 must be true or false, got '$(shown "$2")'" ;; esac
}

# shown VALUE: a value as it may stand in a message
shown() { printf '%s' "$1" | tr -c '\40-\176\200-\377' '?' | cut -c 1-200; }

# relative NAME PATH: refuses a path that could lead out of the folder it is meant for
relative() {
  case $2 in
    '') fail $BAD_SETTING "$1 is empty" ;;
    *[[:cntrl:]]*) fail $BAD_SETTING "$1 has a control character: '$(shown "$2")'" ;;
    /*) fail $BAD_SETTING "$1 must be relative, got '$2'" ;;
  esac
  case "/$2/" in
    */../* | */./* | *//*) fail $BAD_SETTING "$1 must be a plain path without '.', '..' or an empty part, got '$2'" ;;
    */.git/*) fail $BAD_SETTING "$1 must not lie in .git, got '$2'" ;;
  esac
}

# https NAME URL: refuses what is no plain https url. It does not print the url, which may hold a password.
https() {
  case $2 in
    https://*) ;;
    *) fail $BAD_SETTING "$1 must begin with https://" ;;
  esac
  case $2 in *[!A-Za-z0-9._~:/%@!\$\&\(\)*+,\;=-]*) fail $BAD_SETTING "$1 has a character that a url does not have, or a query; write spaces as %20" ;; esac
  authority=${2#https://}
  authority=${authority%%/*}
  case $authority in
    '') fail $BAD_SETTING "$1 has no host" ;;
    *@*) fail $BAD_SETTING "$1 has a user name before the host; leave out everything up to the @ and give credentials by a Secret" ;;
  esac
}

# number NAME VALUE: refuses also what the shell would take for octal, or could not count in hundredths
number() {
  case $2 in '' | *[!0-9]* | 0?* | ???????*) fail $BAD_SETTING "$1 must be a whole number of seconds, at most 999999, got '$(shown "$2")'" ;; esac
}

# need TOOL
need() {
  command -v "$1" >/dev/null || fail $TOOL_MISSING "the image of the init container has no $1; name an image that has it"
}
