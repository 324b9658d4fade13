metadata name = 'Types'
metadata description = 'Types that several modules share.'

@export()
@description('Tags by name.')
type tags = {
  @description('Value of a tag.')
  *: string
}

@export()
@sealed()
@description('What every resource of a deployment has in common.')
type placement = {
  @description('Azure region.')
  location: string

  @description('Tags of every resource that takes them.')
  tags: tags
}
