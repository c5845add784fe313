"""What does a network cost at every size, and where does one design cost less than another?"""
