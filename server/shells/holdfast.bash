# Read by bash as ENV of a --posix shell, and nothing else: the only file that a login shell reads too.
# Marks prompts and commands (OSC 133) and says the directory (OSC 633), as protocol/shellMarks.ts reads them.
# shellcheck shell=bash disable=SC1090,SC1091 # whose files those are

set +o posix
unset POSIXLY_CORRECT
shopt -u inherit_errexit 2> /dev/null
if [ -n "${HOLDFAST_ENV-}" ]; then export ENV=$HOLDFAST_ENV; else unset ENV; fi
unset HOLDFAST_ENV
if [ "$HISTFILE" = ~/.sh_history ]; then HISTFILE=~/.bash_history; fi

if shopt -q login_shell; then
  if [ -r /etc/profile ]; then . /etc/profile; fi
  if [ -r ~/.bash_profile ]; then . ~/.bash_profile
  elif [ -r ~/.bash_login ]; then . ~/.bash_login
  elif [ -r ~/.profile ]; then . ~/.profile
  fi
else
  if [ -r /etc/bash.bashrc ]; then . /etc/bash.bashrc; fi
  if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
fi

__holdfast_none=
__holdfast_ran=0
__holdfast_code=0
__holdfast_pwd=

# The first of the prompt's commands: the others change the exit code.
__holdfast_ended() {
  __holdfast_code=$?
  return "$__holdfast_code"
}

# The last of them: prompts that are made anew each time are there by now.
__holdfast_prompt() {
  if [ "$__holdfast_ran" = 1 ]; then printf '\e]133;D;%s\a' "$__holdfast_code"; fi
  __holdfast_ran=0
  if [ "$PWD" != "$__holdfast_pwd" ]; then
    __holdfast_pwd=$PWD
    # A directory may be named so that its name would end the mark.
    local path=${PWD//[[:cntrl:]]/?}
    path=${path//\\/\\\\}
    printf '\e]633;P;Cwd=%s\a' "${path//;/\\x3b}"
  fi
  case $PS1 in *'133;A'*) ;; *) PS1='\[\e]133;A\a\]'$PS1'\[\e]133;B\a\]' ;; esac
  # Expanded before a command is carried out, and not for an empty line.
  # shellcheck disable=SC2016
  case ${PS0-} in *'133;C'*) ;; *) PS0=${PS0-}'${__holdfast_none:$((__holdfast_ran=1)):0}\e]133;C\a' ;; esac
  return "$__holdfast_code"
}

# PS0 came with 4.4, several commands for the prompt with 5.1.
if [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -ge 51 ]; then
  PROMPT_COMMAND=(__holdfast_ended "${PROMPT_COMMAND[@]}" __holdfast_prompt)
elif [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -ge 44 ]; then
  # shellcheck disable=SC2178,SC2128 # a string in these versions
  PROMPT_COMMAND="__holdfast_ended
${PROMPT_COMMAND-}
__holdfast_prompt"
fi
