# Read by zsh as .zshenv of a ZDOTDIR of ours. Marks prompts and commands (OSC 133), and says the directory and the
# text of a command (OSC 633), as protocol/shellMarks.ts reads them.

if [[ -n ${HOLDFAST_ZDOTDIR+set} ]]; then export ZDOTDIR=$HOLDFAST_ZDOTDIR; else unset ZDOTDIR; fi
unset HOLDFAST_ZDOTDIR
[[ -r ${ZDOTDIR-$HOME}/.zshenv ]] && builtin source ${ZDOTDIR-$HOME}/.zshenv

if [[ -o interactive ]]; then
  typeset -g __holdfast_ran=0

  __holdfast_escaped() {
    emulate -L zsh
    local text=${1//\\/\\\\}
    text=${text//;/\\x3b}
    text=${text//$'\n'/\\x0a}
    # A directory may be named so that its name would end the mark.
    print -rn -- ${text//[[:cntrl:]]/?}
  }

  __holdfast_preexec() {
    print -n '\e]633;E;'; __holdfast_escaped "$1"; print -n '\a\e]133;C\a'
    __holdfast_ran=1
  }

  __holdfast_precmd() {
    local code=$?
    if (( __holdfast_ran )); then print -n "\e]133;D;$code\a"; fi
    __holdfast_ran=0
    print -n '\e]633;P;Cwd='; __holdfast_escaped "$PWD"; print -n '\a'
    # Prompts that are made anew each time are made by now: this one goes last.
    if [[ ${precmd_functions[-1]} != __holdfast_precmd ]]; then
      precmd_functions=(${precmd_functions:#__holdfast_precmd} __holdfast_precmd)
    fi
    if [[ $PS1 != *'133;A'* ]]; then PS1=$'%{\e]133;A\a%}'$PS1$'%{\e]133;B\a%}'; fi
  }

  typeset -ga precmd_functions preexec_functions
  precmd_functions+=(__holdfast_precmd)
  preexec_functions+=(__holdfast_preexec)
fi
