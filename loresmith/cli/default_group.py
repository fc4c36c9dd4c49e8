"""A group of commands that runs one of them when none is named."""

import click


class DefaultGroup(click.Group):
    """`loresmith queue --json` is `loresmith queue show --json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_help = bool(args) and args[0] in ctx.help_option_names
        if not is_help and not (args and args[0] in self.commands):
            args = ["show", *args]
        return super().parse_args(ctx, args)
