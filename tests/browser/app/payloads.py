"""A hundred texts that would run something on a page that took them for markup, or for addresses."""

_MARKUP = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "<svg onload='window.ran = 1'>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<a href='javascript:window.ran = 1'>press</a>",
    "<details open ontoggle='window.ran = 1'>",
    "<style>@import 'javascript:window.ran = 1'</style>",
    "<object data='javascript:window.ran = 1'></object>",
    "<math><mtext></mtext><script>window.ran = 1</script></math>",
    "<template><img src=x onerror='window.ran = 1'></template>",
)
_AROUND = (
    "{}",
    '">{}',
    "'>{}",
    "</title>{}",
    "</textarea>{}",
    "-->{}",
    "]]>{}",
    "${{{}}}",
    "{{{{{}}}}}",
    "\\u003c{}",
)

PAYLOADS = [around.format(markup) for markup in _MARKUP for around in _AROUND]
assert len(PAYLOADS) == 100
