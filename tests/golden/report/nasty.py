# Nasty | <b>net</b> at 224x224x3, batch 1 [red]& 100% $x_1$
# 1 MAC = one multiply and one add.
# # <i>no</i> heading and 1 line

rows = [
    {'row': '=cmd()', 'output': '112x112x64', 'params': 9408, 'biases': None, 'ratio': None, 'printed_params': '2.7K [1]', 'printed_ops': None, 'verdict_params': 'known erratum', 'elements': 802816},
    {'row': '<script>alert(1)</script>', 'output': '28x28x256', 'params': 126976, 'biases': 0, 'ratio': 3.15, 'printed_params': '159K', 'printed_ops': '128M', 'verdict_params': 'agrees', 'elements': None},
    {'row': 'a|b_{x}', 'output': None, 'params': 10000000000000000000000000000000000000001, 'biases': None, 'ratio': None, 'printed_params': None, 'printed_ops': None, 'verdict_params': 'differs', 'elements': None},
    {'row': '入口层 (1)', 'output': None, 'params': 448, 'biases': None, 'ratio': 0.3333333333333333, 'printed_params': None, 'printed_ops': None, 'verdict_params': 'off by one', 'elements': None},
    {'row': '\x1b[31mred\x1b[0m\nnext', 'output': None, 'params': 7, 'biases': None, 'ratio': None, 'printed_params': None, 'printed_ops': None, 'verdict_params': 'truncated to 7', 'elements': None},
    {'row': '[bold]markup[/bold]', 'output': '1000', 'params': None, 'biases': None, 'ratio': None, 'printed_params': '-1', 'printed_ops': None, 'verdict_params': None, 'elements': None},
    {'row': '#1x1 7x7/2 inception_3a', 'output': None, 'params': 1, 'biases': None, 'ratio': None, 'printed_params': None, 'printed_ops': 'a\\b*c*`d`~e~ \\', 'verdict_params': None, 'elements': None},
]
total = {'row': None, 'output': None, 'params': 10000000000000000000000000000000000136833, 'biases': None, 'ratio': 2.5, 'printed_params': None, 'printed_ops': None, 'verdict_params': None, 'elements': None}
