"""The sentences of the command-line library in Chinese, so that help and errors speak one language."""

from __future__ import annotations

from xinzhi.language import current_language

_CHINESE = {
    "Usage:": "用法:",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "Show this message and exit.": "显示本说明并退出。",
    "Show the version and exit.": "显示版本并退出。",
    "%(prog)s, version %(version)s": "%(prog)s, 版本 %(version)s",
    "Error: {message}": "错误: {message}",
    "Try '{command} {option}' for help.": "用 '{command} {option}' 查看说明。",
    "Aborted!": "已中断",
    "default: {default}": "默认: {default}",
    "deprecated": "已弃用",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Missing parameter: {param_name}": "缺少参数: {param_name}",
    "Missing {param_type}": "缺少 {param_type}",
    "Missing command.": "缺少命令。",
    "Choose from:\n\t{choices}": "可选:\n\t{choices}",
    "No such command {name!r}.": "没有命令 {name!r}。",
    "No such option {name!r}.": "没有选项 {name!r}。",
    "Invalid value: {message}": "值不对: {message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值不对: {message}",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是合法的 {number_type}。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 之内。",
    "{name} {filename!r} does not exist.": "{name} {filename!r} 不存在。",
    "{name} {filename!r} is a directory.": "{name} {filename!r} 是文件夹。",
    "{name} {filename!r} is a file.": "{name} {filename!r} 是文件。",
    "{name} {filename!r} is not readable.": "{name} {filename!r} 不可读。",
    "{name} {filename!r} is not writable.": "{name} {filename!r} 不可写。",
    "Could not open file {filename!r}: {message}": "打不开文件 {filename!r}: {message}",
    "Option {name!r} does not take a value.": "选项 {name!r} 不带值。",
    "Option {name!r} requires an argument.": "选项 {name!r} 需要一个值。",
    "Option {name!r} requires {nargs} arguments.": "选项 {name!r} 需要 {nargs} 个值。",
    "Argument {name!r} takes {nargs} values.": "参数 {name!r} 需要 {nargs} 个值。",
    "Got unexpected extra argument ({args})": "多出的参数 ({args})",
    "Got unexpected extra arguments ({args})": "多出的参数 ({args})",
    "Did you mean {possibility}?": "是否指 {possibility}?",
    "(Did you mean one of: {possibilities}?)": "(是否指其中之一: {possibilities}?)",
    "{value!r} is not {choice}.": "{value!r} 不是 {choice}。",
    "{value!r} is not one of {choices}.": "{value!r} 不在可选值 {choices} 之内。",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "unknown error": "未知错误",
}


def click_text(message: str) -> str:
    """Return a sentence of click in the current language."""
    return _CHINESE.get(message, message) if current_language() == "zh" else message


def click_plural(one: str, many: str, count: int) -> str:
    """Return the sentence for `count`, in the current language."""
    return click_text(one if count == 1 else many)
