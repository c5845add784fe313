"""How does a row's cost come about?"""
