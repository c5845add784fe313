"""In which ways may a network be counted, and which networks may be meant by its name?"""
