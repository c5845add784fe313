"""Which way of counting gives a claimed number, or a claimed ratio?"""
