# shellcheck shell=sh
# Looking into the Dockerfile.

# Says how many instructions each stage has: kaniko's log does not, and people like to know how far a build is. It reads
# as kaniko does: comments and empty lines within an instruction, another escape than \, here-documents.
count_instructions() {
  [ -n "$dockerfile" ] || return 0
  counts=$(tr -d '\r' <"$build_context/$dockerfile" | awk '
    BEGIN { escape = "\\"; first = 1 }
    !begun && tolower($0) ~ /^#[ \t]*escape[ \t]*=[ \t]*`/ { escape = "`" }
    documents > 0 {
      line = $0
      if (tabs[first]) sub(/^\t+/, "", line)
      if (line == word[first]) { first++; documents-- }
      next
    }
    /^[ \t]*(#|$)/ { next }
    {
      begun = 1
      if (!continued) {
        instruction = toupper($1)
        if (instruction == "FROM") stage++
        else if (stage) count[stage]++
      }
      rest = $0
      while (instruction ~ /^(RUN|COPY|ADD)$/ && match(rest, /<<-?["'\'']?[A-Za-z_][A-Za-z0-9_.]*["'\'']?/)) {
        found = substr(rest, RSTART + 2, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        last++
        tabs[last] = sub(/^-/, "", found)
        gsub(/["'\'']/, "", found)
        word[last] = found
      }
      sub(/[ \t]+$/, "")
      continued = substr($0, length($0)) == escape
      # Here-documents follow the whole instruction.
      if (!continued) { documents = last - first + 1 }
    }
    END { for (i = 1; i <= stage; i++) printf " %d", count[i] }')
  [ -z "$counts" ] || say "dockerfile: instructions by stage:$counts"
}
