"""Do the calculator, the torch model and every witness agree, layer by layer?"""
