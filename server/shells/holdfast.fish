# Read by fish from a data directory of ours. Marks prompts and commands as the other two do; from its fourth version on
# fish marks them by itself.

if set -q HOLDFAST_XDG_DATA_DIRS
  set -gx XDG_DATA_DIRS $HOLDFAST_XDG_DATA_DIRS
  set -e HOLDFAST_XDG_DATA_DIRS
else
  set -e XDG_DATA_DIRS
end

if status is-interactive; and string match -qr '^[23]\.' -- $version
  function __holdfast_escaped
    string join \n -- $argv | string replace -a '\\' '\\\\' | string replace -a ';' '\\x3b' | string join '\\x0a'
  end

  function __holdfast_prompt --on-event fish_prompt
    printf '\e]633;P;Cwd=%s\a\e]133;A\a' (__holdfast_escaped $PWD)
  end

  function __holdfast_preexec --on-event fish_preexec
    printf '\e]633;E;%s\a\e]133;C\a' (__holdfast_escaped $argv)
  end

  function __holdfast_postexec --on-event fish_postexec
    printf '\e]133;D;%s\a' $status
  end
end
